import { IconButton, Tooltip } from '@mui/material';
import { useColorScheme } from '@mui/material/styles';
import { Moon, Sun } from 'lucide-react';

/** Between light and dark; "as the system" is in the user menu. */
export function ThemeToggle() {
  const { colorScheme, setMode } = useColorScheme();
  const dark = colorScheme === 'dark';
  const label = dark ? 'Use light colours' : 'Use dark colours';
  return (
    <Tooltip title={label}>
      <IconButton
        data-testid="theme-toggle"
        aria-label={label}
        onClick={() => {
          setMode(dark ? 'light' : 'dark');
        }}
      >
        {dark ? <Sun size={18} /> : <Moon size={18} />}
      </IconButton>
    </Tooltip>
  );
}
