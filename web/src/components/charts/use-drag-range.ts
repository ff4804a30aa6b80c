import { useState, type PointerEvent, type RefObject } from 'react';
import type { ECharts } from './echarts';

/** Narrower drags are clicks. */
const kLeastWidthPx = 8;

interface Drag {
  from: number;
  to: number;
}

/** Lets a mouse select a span of time by dragging over a chart. */
export function useDragRange(
  chart: RefObject<ECharts | null>,
  onSelect: (start: number, end: number) => void,
) {
  const [drag, setDrag] = useState<Drag | null>(null);

  function position(event: PointerEvent<HTMLElement>): number {
    return event.clientX - event.currentTarget.getBoundingClientRect().left;
  }

  function finish(current: Drag | null): void {
    setDrag(null);
    if (!current || !chart.current || Math.abs(current.to - current.from) < kLeastWidthPx) return;
    const times = [current.from, current.to].map((x) =>
      Number(chart.current?.convertFromPixel({ xAxisIndex: 0 }, x)),
    );
    const start = Math.min(...times);
    const end = Math.max(...times);
    if (Number.isFinite(start) && end - start >= 1_000)
      onSelect(Math.round(start), Math.round(end));
  }

  return {
    selection: drag && {
      left: Math.min(drag.from, drag.to),
      width: Math.abs(drag.to - drag.from),
    },
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.pointerType !== 'mouse' || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: position(event), to: position(event) });
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        if (drag) setDrag({ from: drag.from, to: position(event) });
      },
      onPointerUp: () => {
        finish(drag);
      },
      onPointerCancel: () => {
        setDrag(null);
      },
    },
  };
}
