import { Box, Button, LinearProgress, TextField, Typography } from '@mui/material';
import { BookOpen, Download, History, Play, Rows3, Square, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { PageHeader } from '@/components/ui/page-header';
import { Panel } from '@/components/ui/panel';
import { StateMessage } from '@/components/ui/states';
import { fileName, useDownload } from '@/lib/api/download';
import { sqlFile, type SqlFormat } from '@/lib/api/sql';
import { zoneName } from '@/lib/time';
import { formatBytes } from '@/lib/units';
import { kExamples } from './examples';
import { forget, readHistory, remember } from './history';
import { PickMenu } from './pick-menu';
import { ResultTable } from './result-table';
import { SqlError } from './sql-error';
import { useStatement, type Outcome } from './use-statement';

const kFiles = [
  { label: 'CSV', value: 'csv' },
  { label: 'Parquet', value: 'parquet' },
] as const;

const rowsText = (count: number) =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`;

function describe(outcome: Outcome): string | undefined {
  if (outcome.kind !== 'done') return undefined;
  return `${rowsText(outcome.result.row_count)} in ${outcome.result.duration_ms} ms`;
}

function SaveAs({ sql }: { sql: string }) {
  const { bytes, start, cancel } = useDownload();
  if (bytes !== null) {
    return (
      <Button variant="outlined" color="secondary" startIcon={<X size={15} />} onClick={cancel}>
        Cancel · {formatBytes(bytes)}
      </Button>
    );
  }
  return (
    <PickMenu
      label="Download"
      icon={<Download size={15} />}
      items={kFiles}
      onPick={(value) => {
        const format = value as SqlFormat;
        const name = fileName('query', new Date().toISOString().slice(0, 19));
        void start(sqlFile(sql, format), `${name}.${format}`);
      }}
    />
  );
}

/** Read-only SQL over telemetry, devices and alerts. */
export function SqlPage() {
  const [history, setHistory] = useState(() => readHistory());
  const [sql, setSql] = useState(history[0] ?? kExamples[0]?.sql ?? '');
  const { outcome, run, cancel } = useStatement();
  const editor = useRef<HTMLTextAreaElement>(null);
  const running = outcome.kind === 'running';

  async function start() {
    if (sql.trim() === '') return;
    const { kind } = await run(sql);
    if (kind === 'done') setHistory(remember(sql));
  }

  function pick(text: string) {
    setSql(text);
    editor.current?.focus();
  }

  function goTo(offset: number) {
    editor.current?.focus();
    editor.current?.setSelectionRange(offset, offset);
  }

  function content() {
    switch (outcome.kind) {
      case 'failed':
        return <SqlError error={outcome.error} sql={outcome.sql} onGoTo={goTo} />;
      case 'done':
        if (outcome.result.rows.length > 0) return <ResultTable result={outcome.result} />;
        return (
          <StateMessage compact icon={Rows3} title="No rows" text="Nothing fits the conditions." />
        );
      case 'running':
        return <StateMessage compact icon={Play} title="Running" text="At most 10 s by default." />;
      case 'cancelled':
        return (
          <StateMessage compact icon={Square} title="Cancelled" text="The query was stopped." />
        );
      case 'none':
        return (
          <StateMessage
            compact
            icon={Rows3}
            title="The result appears here"
            text="Tables: telemetry (device_id, time, a column a field), devices and alerts."
          />
        );
    }
  }

  return (
    <>
      <PageHeader title="SQL" subtitle="Read-only, over telemetry, devices and alerts" />
      <Panel sx={{ mb: 2 }}>
        <TextField
          multiline
          fullWidth
          minRows={6}
          maxRows={20}
          value={sql}
          inputRef={editor}
          onChange={(event) => {
            setSql(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            void start();
          }}
          slotProps={{
            htmlInput: {
              'aria-label': 'SQL statement',
              spellCheck: false,
              autoCapitalize: 'off',
              style: {
                fontFamily: 'ui-monospace, monospace',
                fontSize: '0.8438rem',
                lineHeight: 1.55,
              },
            },
          }}
        />
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1, mt: 1.5 }}>
          {running ? (
            <Button variant="contained" startIcon={<Square size={15} />} onClick={cancel}>
              Cancel
            </Button>
          ) : (
            <Button
              variant="contained"
              startIcon={<Play size={15} />}
              disabled={sql.trim() === ''}
              aria-keyshortcuts="Control+Enter"
              onClick={() => void start()}
            >
              Run
            </Button>
          )}
          <PickMenu
            label="Examples"
            icon={<BookOpen size={15} />}
            items={kExamples.map(({ label, sql: value }) => ({ label, value }))}
            onPick={pick}
          />
          <PickMenu
            label="History"
            icon={<History size={15} />}
            items={history.map((value) => ({ label: value.replace(/\s+/g, ' '), value }))}
            onPick={pick}
            onClear={() => {
              forget();
              setHistory([]);
            }}
          />
          <Typography variant="caption" color="textSecondary" sx={{ ml: { sm: 'auto' } }}>
            Ctrl + Enter runs · dates and hours of {zoneName()}
          </Typography>
        </Box>
      </Panel>
      <Panel
        flush
        title="Result"
        subtitle={describe(outcome)}
        actions={outcome.kind === 'done' && <SaveAs sql={outcome.sql} />}
      >
        <Box sx={{ height: 2 }}>
          {running && <LinearProgress sx={{ height: 2 }} aria-label="Running" />}
        </Box>
        {content()}
      </Panel>
    </>
  );
}
