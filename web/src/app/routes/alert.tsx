import { useParams } from 'react-router';
import { AlertPage } from '@/features/alerts/alert-page';

export function AlertRoute() {
  const { id = '' } = useParams();
  return <AlertPage key={id} id={id} />;
}
