import {
  Alert,
  Box,
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  FormControlLabel,
  LinearProgress,
  Typography,
} from '@mui/material';
import { useState } from 'react';
import { FileDrop } from '@/components/ui/file-drop';
import { SelectField } from '@/components/ui/select-field';
import { useDeviceImport, useDeviceImportCheck } from '@/lib/api/devices';
import { readCsv, type CsvTable } from '@/lib/csv';
import { counted, formatBytes } from '@/lib/units';
import { ImportProblem } from './import-problem';
import { ImportPreview } from './import-preview';
import { outcome } from './import-words';

/** What the platform takes in one request. */
const kMostBytes = 16 * 1024 * 1024;
const kMostRows = 20_000;
const kExisting = [
  { value: 'refuse', label: 'is a mistake' },
  { value: 'skip', label: 'stays as it is' },
  { value: 'update', label: 'is updated from the file' },
] as const;
type Existing = (typeof kExisting)[number]['value'];

interface Chosen {
  file: File;
  table: CsvTable;
}

function refusal(file: File): string | null {
  if (file.size === 0) return `${file.name} is empty.`;
  if (file.size <= kMostBytes) return null;
  return `${file.name} has ${formatBytes(file.size)}; at most 16 MiB can be imported at once. Split it.`;
}

/** Registers the devices of a CSV file: choose it, see what it would do, confirm. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [existing, setExisting] = useState<Existing>('refuse');
  const [partial, setPartial] = useState(false);
  const check = useDeviceImportCheck(chosen?.file ?? null, existing);
  const run = useDeviceImport();
  const report = check.data;
  const wanted = report ? report.created + report.updated : 0;
  const incomplete = report !== undefined && report.refused > 0;

  async function choose(file: File) {
    const reason = refusal(file);
    setRefused(reason);
    setPartial(false);
    run.reset();
    setChosen(reason === null ? { file, table: readCsv(await file.text(), kMostRows) } : null);
  }

  function content() {
    if (run.data) return <Alert severity="success">{outcome(run.data, true)}</Alert>;
    if (!chosen) {
      return (
        <>
          {refused !== null && (
            <Alert severity="error" sx={{ mb: 2 }}>
              {refused}
            </Alert>
          )}
          <FileDrop
            accept=".csv,.txt,.tsv,text/csv"
            onFile={(file) => void choose(file)}
            hint="Or drop it here. CSV with the columns id, name and type, and where wanted location, status and metadata.<name>; what Export writes has that form. Nothing is changed before you have seen what would happen."
          />
        </>
      );
    }
    return (
      <Box sx={{ display: 'grid', gap: 2, pt: 1 }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 2 }}>
          <Box sx={{ flex: '1 1 120px', minWidth: 0 }}>
            <Typography variant="h3" sx={{ overflowWrap: 'anywhere' }}>
              {chosen.file.name}
            </Typography>
            <Typography variant="caption" color="textSecondary">
              {formatBytes(chosen.file.size)}
              {' · '}
              {counted(report?.lines ?? chosen.table.rows.length, 'line')}
            </Typography>
          </Box>
          <Button
            size="small"
            variant="outlined"
            color="secondary"
            disabled={run.isPending}
            onClick={() => {
              setChosen(null);
            }}
          >
            Another file
          </Button>
          <SelectField
            label="A device that is registered already"
            value={existing}
            options={kExisting}
            disabled={run.isPending}
            sx={{ flex: { xs: '1 1 100%', sm: '0 0 280px' } }}
            onChange={(next) => {
              run.reset();
              setExisting(next);
            }}
          />
        </Box>
        {check.isFetching && <LinearProgress aria-label="Checking the file" />}
        {check.isError && (
          <ImportProblem error={check.error} onRetry={() => void check.refetch()} />
        )}
        {run.isError && <ImportProblem error={run.error} />}
        {report && (
          <>
            <Alert severity={incomplete ? 'warning' : 'info'}>{outcome(report, false)}</Alert>
            {report.lines > 0 && <ImportPreview table={chosen.table} report={report} />}
            {incomplete && wanted > 0 && (
              <FormControlLabel
                label={`Leave the ${counted(report.refused, 'line')} with mistakes out and import the rest`}
                control={
                  <Checkbox
                    checked={partial}
                    disabled={run.isPending}
                    onChange={(_, checked) => {
                      setPartial(checked);
                    }}
                  />
                }
              />
            )}
          </>
        )}
        {run.isPending && <LinearProgress aria-label="Importing" />}
      </Box>
    );
  }

  function actions() {
    if (run.data) {
      return (
        <Button variant="contained" onClick={onClose}>
          Done
        </Button>
      );
    }
    return (
      <>
        <Button color="secondary" disabled={run.isPending} onClick={onClose}>
          Cancel
        </Button>
        {chosen && (
          <Button
            variant="contained"
            loading={run.isPending}
            disabled={check.isFetching || wanted === 0 || (incomplete && !partial)}
            onClick={() => {
              run.mutate({ file: chosen.file, existing, partial: partial ? 'true' : 'false' });
            }}
          >
            {wanted === 0 ? 'Import' : `Import ${counted(wanted, 'device')}`}
          </Button>
        )}
      </>
    );
  }

  return (
    <Dialog open onClose={run.isPending ? undefined : onClose} fullWidth maxWidth="md">
      <DialogTitle>Import devices</DialogTitle>
      <DialogContent>{content()}</DialogContent>
      <DialogActions>{actions()}</DialogActions>
    </Dialog>
  );
}
