import type { ReactNode } from 'react'
import { cn } from './cn'

const tones = {
  neutral: 'bg-muted text-muted-foreground',
  accent: 'bg-accent text-foreground',
  success: 'bg-success-surface text-success',
  warning: 'bg-warning-surface text-warning',
  danger: 'bg-danger-surface text-danger',
}

/** A state in a word; the word says it, the color only helps. */
export function Badge({ tone = 'neutral', className, children }: { tone?: keyof typeof tones; className?: string; children: ReactNode }) {
  return <span className={cn('inline-flex h-5 shrink-0 items-center rounded px-1.5 text-xs font-medium whitespace-nowrap', tones[tone], className)}>{children}</span>
}
