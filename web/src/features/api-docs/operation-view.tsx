import { Box, Typography } from '@mui/material';
import { Panel } from '@/components/ui/panel';
import { MethodName } from './method-name';
import { resolve, typeText, type Document, type Operation } from './openapi';
import { SchemaView } from './schema-view';
import { TryIt } from './try-it';

interface OperationProps {
  document: Document;
  operation: Operation;
}

function Parameters({ document, operation }: OperationProps) {
  if (operation.parameters.length === 0) return null;
  return (
    <Panel title="Parameters">
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, fontSize: '0.8125rem' }}>
        {operation.parameters.map(({ name, in: place, required, description, schema }) => {
          const at = schema && resolve(document, schema);
          return (
            <Box component="li" key={name} sx={{ py: 0.75 }}>
              <code>{name}</code>{' '}
              <Box component="span" sx={{ color: 'text.secondary' }}>
                {place}, {schema ? typeText(document, schema) : 'text'}
                {required === true && ', required'}
                {at?.enum && `: ${at.enum.map(String).join(', ')}`}
              </Box>
              {description !== undefined && (
                <Box sx={{ color: 'text.secondary' }}>{description}</Box>
              )}
            </Box>
          );
        })}
      </Box>
    </Panel>
  );
}

function Responses({ document, operation }: OperationProps) {
  return (
    <Panel title="Answers">
      {operation.responses.map(({ status, description, type, schema }) => (
        <Box key={status} component="details" sx={{ py: 0.75 }}>
          <Box component="summary" sx={{ cursor: 'pointer', fontSize: '0.875rem' }}>
            <b>{status}</b> {description}{' '}
            <Box component="span" sx={{ color: 'text.secondary' }}>
              {type}
            </Box>
          </Box>
          {schema && <SchemaView document={document} schema={schema} />}
        </Box>
      ))}
    </Panel>
  );
}

export function OperationView({ document, operation }: OperationProps) {
  const { body } = operation;
  return (
    <Box sx={{ display: 'grid', gap: 2, minWidth: 0 }}>
      <Panel>
        <Typography variant="h2">{operation.summary}</Typography>
        <Box component="code" sx={{ overflowWrap: 'anywhere' }}>
          <MethodName method={operation.method} /> {operation.path}
        </Box>
        {operation.description !== '' && (
          <Typography variant="body2" color="textSecondary" sx={{ mt: 1, whiteSpace: 'pre-line' }}>
            {operation.description}
          </Typography>
        )}
      </Panel>
      <Panel title="Try it">
        <TryIt key={operation.id} document={document} operation={operation} />
      </Panel>
      <Parameters document={document} operation={operation} />
      {body?.schema && (
        <Panel title="Body" subtitle={`${body.type}${body.required ? ', required' : ''}`}>
          <SchemaView document={document} schema={body.schema} />
        </Panel>
      )}
      <Responses document={document} operation={operation} />
    </Box>
  );
}
