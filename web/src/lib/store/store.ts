import { configureStore } from '@reduxjs/toolkit';
import { sessionSlice } from './session-slice';
import { uiSlice } from './ui-slice';

export const store = configureStore({
  reducer: { session: sessionSlice.reducer, ui: uiSlice.reducer },
});

export type RootState = ReturnType<typeof store.getState>;
export type AppDispatch = typeof store.dispatch;
