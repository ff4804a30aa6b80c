import { IconButton, ListItemIcon, Menu, MenuItem } from '@mui/material';
import { EllipsisVertical, type LucideIcon } from 'lucide-react';
import { useState } from 'react';

interface Action {
  label: string;
  icon: LucideIcon;
  /** In red: it takes something away. */
  danger?: boolean;
  onChoose: () => void;
}

/** Three dots that open what else can be done. */
export function ActionMenu({ label, actions }: { label: string; actions: readonly Action[] }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = () => {
    setAnchor(null);
  };
  return (
    <>
      <IconButton
        aria-label={label}
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        <EllipsisVertical size={18} />
      </IconButton>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={close}>
        {actions.map(({ label: name, icon: Icon, danger, onChoose }) => (
          <MenuItem
            key={name}
            sx={danger ? { color: 'error.main' } : undefined}
            onClick={() => {
              close();
              onChoose();
            }}
          >
            <ListItemIcon sx={danger ? { color: 'inherit' } : undefined}>
              <Icon size={16} />
            </ListItemIcon>
            {name}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
