import { Tab, Tabs } from '@mui/material';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { Option } from './filters';

interface ListTabsProps {
  /** What the tabs choose, for those who do not see them. */
  label: string;
  value: string;
  tabs: readonly Option[];
  onChange: (value: string) => void;
}

/** Tabs at the head of a list; those that do not fit are scrolled to. */
export function ListTabs({ label, value, tabs, onChange }: ListTabsProps) {
  return (
    <Tabs
      value={value}
      onChange={(_, next: string) => {
        onChange(next);
      }}
      variant="scrollable"
      allowScrollButtonsMobile
      slots={{ startScrollButtonIcon: ChevronLeft, endScrollButtonIcon: ChevronRight }}
      aria-label={label}
      sx={{
        px: 1,
        borderBottom: 1,
        borderColor: 'line',
        '& .MuiTabs-scrollButtons': { width: 28 },
        '& .MuiTabs-scrollButtons svg': { width: 18 },
      }}
    >
      {tabs.map((tab) => (
        <Tab key={tab.value} value={tab.value} label={tab.label} />
      ))}
    </Tabs>
  );
}
