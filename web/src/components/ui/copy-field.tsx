import { IconButton, InputAdornment, TextField, Tooltip } from '@mui/material';
import { Check, Copy } from 'lucide-react';
import { useRef, useState } from 'react';

/** A read-only text with a copy button. Without a clipboard (plain http) the text is selected instead. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      input.current?.select();
    }
  }

  return (
    <TextField
      label={label}
      value={value}
      fullWidth
      inputRef={input}
      slotProps={{
        htmlInput: { spellCheck: false, style: { fontFamily: 'ui-monospace, monospace' } },
        input: {
          readOnly: true,
          endAdornment: (
            <InputAdornment position="end">
              <Tooltip title={copied ? 'Copied' : 'Copy'}>
                <IconButton edge="end" aria-label={`Copy ${label}`} onClick={() => void copy()}>
                  {copied ? <Check size={16} /> : <Copy size={16} />}
                </IconButton>
              </Tooltip>
            </InputAdornment>
          ),
        },
      }}
    />
  );
}
