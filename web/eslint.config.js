import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Imports flow shared (lib, components, types) → features → app. */
function forbid(files, patterns) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

const above = (...layers) =>
  layers.map((layer) => ({
    group: [`@/${layer}`, `@/${layer}/**`, `**/../${layer}/**`],
    message: `Imports flow shared → features → app: nothing here may import from ${layer}.`,
  }));

export default tseslint.config(
  { ignores: ['dist', 'src/types/api.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  reactHooks.configs.flat['recommended-latest'],
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 220, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['*.config.{js,ts}'], languageOptions: { globals: { ...globals.node } } },
  forbid(['src/lib/**'], above('components', 'features', 'app')),
  forbid(['src/components/**'], above('features', 'app')),
  forbid(['src/features/**'], above('features', 'app')),
);
