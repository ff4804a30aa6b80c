import { Box, ButtonBase } from '@mui/material';
import { useState } from 'react';
import {
  nameOf,
  propertiesOf,
  requiredOf,
  resolve,
  typeText,
  type Document,
  type Schema,
} from './openapi';

function limits(schema: Schema): string {
  const parts = [
    schema.enum && `one of ${schema.enum.map(String).join(', ')}`,
    schema.minimum !== undefined && `from ${String(schema.minimum)}`,
    schema.maximum !== undefined && `to ${String(schema.maximum)}`,
    schema.maxLength !== undefined && `at most ${String(schema.maxLength)} characters`,
    schema.default !== undefined && `otherwise ${String(schema.default)}`,
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}

/** The object inside: a list's entry, the first choice that is one. */
function innerOf(document: Document, schema: Schema): Schema | undefined {
  const at = resolve(document, schema);
  const candidates = [schema, ...(at.items ? [at.items] : []), ...(at.oneOf ?? at.anyOf ?? [])];
  return candidates.find((one) => Object.keys(propertiesOf(document, one)).length > 0);
}

interface MemberProps {
  document: Document;
  name: string;
  schema: Schema;
  required: boolean;
}

function Member({ document, name, schema, required }: MemberProps) {
  const [open, setOpen] = useState(false);
  const at = resolve(document, schema);
  const inner = innerOf(document, schema);
  const label = nameOf(schema) ?? typeText(document, schema);
  return (
    <Box component="li" sx={{ py: 0.75, borderTop: 1, borderColor: 'line' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'baseline' }}>
        <Box component="code" sx={{ fontWeight: 600 }}>
          {name}
        </Box>
        {inner ? (
          <ButtonBase
            aria-expanded={open}
            onClick={() => {
              setOpen(!open);
            }}
            sx={{ color: 'primary.main', font: 'inherit' }}
          >
            {label} {open ? '−' : '+'}
          </ButtonBase>
        ) : (
          <Box sx={{ color: 'text.secondary' }}>{typeText(document, schema)}</Box>
        )}
        {required && <Box sx={{ color: 'warning.main', fontSize: '0.75rem' }}>required</Box>}
        <Box sx={{ color: 'text.secondary', fontSize: '0.75rem' }}>{limits(at)}</Box>
      </Box>
      {at.description !== undefined && (
        <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>{at.description}</Box>
      )}
      {open && inner && <SchemaView document={document} schema={inner} />}
    </Box>
  );
}

/** The members of an object; those of inner ones open on demand, so that recursion ends. */
export function SchemaView({ document, schema }: { document: Document; schema: Schema }) {
  const inner = innerOf(document, schema);
  if (!inner) {
    return <Box sx={{ fontSize: '0.8125rem' }}>{typeText(document, schema)}</Box>;
  }
  const required = requiredOf(document, inner);
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, pl: 1.5, fontSize: '0.8125rem' }}>
      {Object.entries(propertiesOf(document, inner)).map(([name, member]) => (
        <Member
          key={name}
          document={document}
          name={name}
          schema={member}
          required={required.has(name)}
        />
      ))}
    </Box>
  );
}
