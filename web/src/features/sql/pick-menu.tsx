import { Button, Divider, Menu, MenuItem, type ButtonProps } from '@mui/material';
import { useState } from 'react';

interface PickMenuProps {
  label: string;
  icon: ButtonProps['startIcon'];
  /** Texts shown, with what is picked. */
  items: readonly { label: string; value: string }[];
  onPick: (value: string) => void;
  /** A last entry that empties the list. */
  onClear?: () => void;
  disabled?: boolean;
}

/** A button with a menu of things to pick. */
export function PickMenu({ label, icon, items, onPick, onClear, disabled }: PickMenuProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = () => {
    setAnchor(null);
  };
  return (
    <>
      <Button
        variant="outlined"
        color="secondary"
        startIcon={icon}
        disabled={disabled ?? items.length === 0}
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        {label}
      </Button>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={close}
        slotProps={{
          paper: { sx: { maxHeight: 420, maxWidth: 'min(560px, calc(100vw - 32px))' } },
        }}
      >
        {items.map((item) => (
          <MenuItem
            key={item.value}
            onClick={() => {
              close();
              onPick(item.value);
            }}
            sx={{ display: 'block', overflow: 'hidden', textOverflow: 'ellipsis', py: 1 }}
          >
            {item.label}
          </MenuItem>
        ))}
        {onClear && <Divider />}
        {onClear && (
          <MenuItem
            onClick={() => {
              close();
              onClear();
            }}
          >
            Clear the history
          </MenuItem>
        )}
      </Menu>
    </>
  );
}
