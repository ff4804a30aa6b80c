import { Box, Button, Typography } from '@mui/material';
import { FileUp } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';

interface FileDropProps {
  /** Which files are offered: ".csv,text/csv". */
  accept: string;
  hint: ReactNode;
  onFile: (file: File) => void;
}

/** Takes one file, dropped or chosen. */
export function FileDrop({ accept, hint, onFile }: FileDropProps) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file) onFile(file);
  };
  return (
    <Box
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
      sx={{
        display: 'grid',
        justifyItems: 'center',
        gap: 1.5,
        px: 3,
        py: { xs: 4, sm: 6 },
        textAlign: 'center',
        border: '1.5px dashed',
        borderColor: over ? 'primary.main' : 'text.disabled',
        borderRadius: 1.25,
        bgcolor: over ? 'sunken' : undefined,
      }}
    >
      <Box sx={{ display: 'grid', color: 'text.secondary' }}>
        <FileUp size={28} strokeWidth={1.5} aria-hidden />
      </Box>
      <Button
        variant="outlined"
        color="secondary"
        autoFocus
        onClick={() => {
          input.current?.click();
        }}
      >
        Choose a file
      </Button>
      <Typography variant="body2" color="textSecondary" sx={{ maxWidth: 460 }}>
        {hint}
      </Typography>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        aria-label="File"
        onChange={({ target }) => {
          take(target.files);
          // So that the same file can be chosen again after it was corrected.
          target.value = '';
        }}
      />
    </Box>
  );
}
