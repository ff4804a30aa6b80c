import { Alert, Box, Button, MenuItem, TextField } from '@mui/material';
import { Send } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { errorMessage } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import { formatBytes } from '@/lib/units';
import { addressOf, resolve, type Document, type Operation, type Parameter } from './openapi';

/** More of an answer is not shown. */
const kMostShown = 100_000;

interface Answer {
  status: number;
  text: string;
  bytes: number;
  durationMs: number;
}

function pretty(text: string, type: string): string {
  if (!type.includes('json')) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function call(operation: Operation, address: string, body: string): Promise<Answer> {
  const token = await api.freshToken();
  const headers: Record<string, string> = {};
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  if (operation.body) headers['Content-Type'] = operation.body.type;
  const start = performance.now();
  const response = await fetch(address, {
    method: operation.method,
    headers,
    cache: 'no-store',
    body: operation.body && body !== '' ? body : undefined,
  });
  const text = await response.text();
  const durationMs = performance.now() - start;
  const shown = pretty(text, response.headers.get('Content-Type') ?? '').slice(0, kMostShown);
  return { status: response.status, text: shown, bytes: text.length, durationMs };
}

interface FieldProps {
  document: Document;
  parameter: Parameter;
  value: string;
  onChange: (value: string) => void;
}

function ParameterField({ document, parameter, value, onChange }: FieldProps) {
  const schema = parameter.schema && resolve(document, parameter.schema);
  const choices = schema?.enum?.map(String);
  return (
    <TextField
      size="small"
      label={parameter.name}
      required={parameter.required}
      select={choices !== undefined}
      value={value}
      helperText={parameter.description}
      onChange={(event) => {
        onChange(event.target.value);
      }}
    >
      {choices &&
        ['', ...choices].map((choice) => (
          <MenuItem key={choice} value={choice}>
            {choice === '' ? '–' : choice}
          </MenuItem>
        ))}
    </TextField>
  );
}

/** A form that calls an operation as the user who is signed in. */
export function TryIt({ document, operation }: { document: Document; operation: Operation }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [body, setBody] = useState(operation.body?.example ?? '');
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const address = addressOf(operation, values);

  const send = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    call(operation, address, body)
      .then(setAnswer)
      .catch(setError)
      .finally(() => {
        setBusy(false);
      });
  };

  return (
    <Box component="form" onSubmit={send} sx={{ display: 'grid', gap: 2 }}>
      {operation.parameters
        .filter(({ in: place }) => place === 'path' || place === 'query')
        .map((parameter) => (
          <ParameterField
            key={parameter.name}
            document={document}
            parameter={parameter}
            value={values[parameter.name] ?? ''}
            onChange={(value) => {
              setValues({ ...values, [parameter.name]: value });
            }}
          />
        ))}
      {operation.body && (
        <TextField
          multiline
          minRows={4}
          maxRows={20}
          label={`Body, ${operation.body.type}`}
          value={body}
          onChange={(event) => {
            setBody(event.target.value);
          }}
          slotProps={{ input: { sx: { fontFamily: 'monospace', fontSize: '0.8125rem' } } }}
        />
      )}
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, alignItems: 'center' }}>
        <Button type="submit" variant="contained" startIcon={<Send size={15} />} loading={busy}>
          Send
        </Button>
        <Box component="code" sx={{ fontSize: '0.8125rem', overflowWrap: 'anywhere' }}>
          {operation.method} {address}
        </Box>
      </Box>
      {error !== null && <Alert severity="error">{errorMessage(error)}</Alert>}
      {answer && (
        <Box role="status">
          <Alert severity={answer.status < 400 ? 'success' : 'warning'} sx={{ mb: 1 }}>
            {answer.status} · {answer.durationMs.toFixed(0)} ms · {formatBytes(answer.bytes)}
          </Alert>
          <Box
            component="pre"
            tabIndex={0}
            aria-label="Answer"
            sx={{
              m: 0,
              p: 1.5,
              maxHeight: 420,
              overflow: 'auto',
              borderRadius: 1,
              bgcolor: 'sunken',
              fontSize: '0.75rem',
            }}
          >
            {answer.text}
          </Box>
        </Box>
      )}
    </Box>
  );
}
