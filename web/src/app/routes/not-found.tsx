import { Button } from '@mui/material';
import { Compass } from 'lucide-react';
import { Link } from 'react-router';
import { PageHeader } from '@/components/ui/page-header';
import { Panel } from '@/components/ui/panel';
import { StateMessage } from '@/components/ui/states';

export function NotFoundRoute() {
  return (
    <>
      <PageHeader title="Not found" />
      <Panel flush>
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
      </Panel>
    </>
  );
}
