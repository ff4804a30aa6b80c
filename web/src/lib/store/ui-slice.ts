import { createSlice, nanoid, type PayloadAction } from '@reduxjs/toolkit';

export interface Notice {
  id: string;
  kind: 'success' | 'error' | 'info';
  text: string;
  /** Whether it can be taken back; see lib/store/undo. */
  undo?: boolean;
}

export interface UiState {
  /** Whether the last request met an answer. */
  reachable: boolean;
  /** Shown one after the other. */
  notices: Notice[];
}

/** Older notices are dropped beyond this many. */
const kMaxNotices = 4;

const initialState: UiState = { reachable: true, notices: [] };

export const uiSlice = createSlice({
  name: 'ui',
  initialState,
  reducers: {
    reachableChanged(state, action: PayloadAction<boolean>) {
      state.reachable = action.payload;
    },
    noticeShown: {
      prepare: (kind: Notice['kind'], text: string, undo = false) => ({
        payload: { id: nanoid(), kind, text, undo },
      }),
      reducer(state, action: PayloadAction<Notice>) {
        state.notices = [...state.notices, action.payload].slice(-kMaxNotices);
      },
    },
    noticeClosed(state, action: PayloadAction<string>) {
      state.notices = state.notices.filter((notice) => notice.id !== action.payload);
    },
  },
});

export const { reachableChanged, noticeShown, noticeClosed } = uiSlice.actions;
