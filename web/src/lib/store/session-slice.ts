import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { User } from '@/lib/api/types';

export interface SessionState {
  /** `restoring` until it is known whether the cookie's session goes on. */
  status: 'restoring' | 'anonymous' | 'signed-in';
  user: User | null;
}

const initialState: SessionState = { status: 'restoring', user: null };

export const sessionSlice = createSlice({
  name: 'session',
  initialState,
  reducers: {
    sessionChanged(state, action: PayloadAction<User | null>) {
      state.user = action.payload;
      state.status = action.payload === null ? 'anonymous' : 'signed-in';
    },
  },
});

export const { sessionChanged } = sessionSlice.actions;
