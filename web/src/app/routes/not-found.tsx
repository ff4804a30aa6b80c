import { Button } from '@mui/material';
import { Compass } from 'lucide-react';
import { Link } from 'react-router';
import { StateMessage } from '@/components/ui/states';

export function NotFoundRoute() {
  return (
    <StateMessage
      icon={Compass}
      title="There is no such page"
      text="The address may be mistyped, or what it showed is gone."
      action={
        <Button component={Link} to="/" variant="contained">
          Go to the overview
        </Button>
      }
    />
  );
}
