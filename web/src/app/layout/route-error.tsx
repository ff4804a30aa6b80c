import { Button } from '@mui/material';
import { Bug } from 'lucide-react';
import { StateMessage } from '@/components/ui/states';

/** A fault of the page itself, or a part of it that could not be loaded after an update. */
export function RouteError() {
  return (
    <StateMessage
      icon={Bug}
      tone="bad"
      title="This page could not be shown"
      text="The platform may have been updated meanwhile. Loading the page again usually helps."
      action={
        <Button
          variant="contained"
          onClick={() => {
            location.reload();
          }}
        >
          Load again
        </Button>
      }
    />
  );
}
