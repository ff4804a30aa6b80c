import { Box } from '@mui/material';
import type { Piece } from '@/lib/rule-sentence';

/** What a rule is about stands out of its sentence. */
export function Sentence({ pieces }: { pieces: readonly Piece[] }) {
  return pieces.map((piece, index) =>
    typeof piece === 'string' ? (
      piece
    ) : (
      <Box component="b" key={index} sx={{ color: 'text.primary', fontWeight: 580 }}>
        {piece.strong}
      </Box>
    ),
  );
}
