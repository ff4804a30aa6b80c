import { Button, Menu, MenuItem } from '@mui/material';
import { Archive, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { kShelvings } from './alert-actions';

interface ShelveButtonProps {
  disabled: boolean;
  size?: 'small' | 'medium';
  onShelve: (minutes: number) => void;
}

/** Asks for how long. */
export function ShelveButton({ disabled, size = 'medium', onShelve }: ShelveButtonProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <Button
        size={size}
        variant="outlined"
        color="secondary"
        startIcon={<Archive size={15} />}
        endIcon={<ChevronDown size={14} />}
        disabled={disabled}
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        Shelve
      </Button>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => {
          setAnchor(null);
        }}
      >
        {kShelvings.map(({ minutes, label }) => (
          <MenuItem
            key={minutes}
            onClick={() => {
              setAnchor(null);
              onShelve(minutes);
            }}
          >
            For {label}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
