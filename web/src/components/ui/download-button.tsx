import { Button } from '@mui/material';
import { Download } from 'lucide-react';
import { fileName, useDownload, type FileRequest } from '@/lib/api/download';

interface DownloadButtonProps {
  text: string;
  /** What is in the file, for those who do not see what is around the button. */
  label: string;
  /** Of the file, before the time. */
  name: string;
  extension: string;
  /** Asked when it is clicked. */
  request: () => FileRequest;
}

/** Fetches a file with the session and hands it to the browser. */
export function DownloadButton({ text, label, name, extension, request }: DownloadButtonProps) {
  const download = useDownload();
  return (
    <Button
      variant="outlined"
      color="secondary"
      startIcon={<Download size={15} />}
      loading={download.bytes !== null}
      aria-label={label}
      onClick={() => {
        const now = new Date().toISOString().slice(0, 19);
        void download.start(request(), `${fileName(name, now)}.${extension}`);
      }}
    >
      {text}
    </Button>
  );
}
