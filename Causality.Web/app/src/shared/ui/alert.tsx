import { CircleAlert, Info } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './cn'

const tones = {
  danger: 'border-danger/40 bg-danger-surface text-danger',
  warning: 'border-warning/40 bg-warning-surface text-warning',
  info: 'border-border bg-muted text-foreground',
}

/** A line or two inside a form or page: what went wrong, or what to know. Only trouble is announced at once. */
export function Alert({ tone = 'danger', className, action, children }: { tone?: keyof typeof tones; className?: string; action?: ReactNode; children: ReactNode }) {
  const Icon = tone === 'info' ? Info : CircleAlert
  return (
    <div
      role={tone === 'danger' ? 'alert' : undefined}
      className={cn('flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border px-3 py-2', tones[tone], className)}
    >
      <div className="flex min-w-0 flex-1 basis-56 items-start gap-2">
        <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
        <div className="min-w-0 flex-1">{children}</div>
      </div>
      {action}
    </div>
  )
}
