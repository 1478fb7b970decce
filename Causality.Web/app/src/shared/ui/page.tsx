import { CloudOff, Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button'
import { cn } from './cn'
import { Notice } from './notice'
import { Skeleton } from './skeleton'

/** A page of settings or lists: title, what it is for, its main action; the heading takes the focus when one arrives here. */
export function Page(props: {
  title: string
  /** Names the browser's tab: the title with what it is of. */
  documentTitle?: readonly (string | undefined)[]
  description?: ReactNode
  action?: ReactNode
  wide?: boolean
  children: ReactNode
}) {
  return (
    <div className={cn('mx-auto w-full space-y-6 px-4 py-6 sm:px-6', props.wide ? 'max-w-7xl' : 'max-w-4xl')}>
      <title>{[...(props.documentTitle ?? [props.title]), 'Causality'].filter(Boolean).join(' · ')}</title>
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <h1 tabIndex={-1} className="text-xl font-semibold tracking-tight break-words outline-none">
            {props.title}
          </h1>
          {props.description && <p className="mt-1 max-w-prose text-muted-foreground">{props.description}</p>}
        </div>
        {props.action}
      </header>
      {props.children}
    </div>
  )
}

export function Panel({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cn('rounded-xl border border-border bg-surface', className)}>{children}</div>
}

/** A titled part of a page. */
export function Section(props: { title: string; description?: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={props.title} className="space-y-3">
      <header className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="text-base font-semibold">{props.title}</h2>
          {props.description && <p className="mt-0.5 max-w-prose text-muted-foreground">{props.description}</p>}
        </div>
        {props.action}
      </header>
      {props.children}
    </section>
  )
}

/** What stands where something could not be loaded: why, and another try. */
export function Failed(props: { what: string; error: Error; onRetry: () => void }) {
  return (
    <Panel>
      <Notice role="alert" title={`${props.what} could not be loaded`} icon={<CloudOff />} action={<Button onClick={props.onRetry}>Try again</Button>}>
        {props.error.message}
      </Notice>
    </Panel>
  )
}

/** What stands where one's role does not suffice: which one does. */
export function NeedsRole(props: { title: string; children: ReactNode }) {
  return (
    <Panel>
      <Notice role="status" title={props.title} icon={<Lock />}>
        {props.children}
      </Notice>
    </Panel>
  )
}

/** The shape of a list that is on its way. */
export function ListSkeleton({ rows = 3, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label}>
      <Panel className="divide-y divide-border">
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} className="flex items-center gap-3 px-4 py-3.5">
            <div className="flex-1 space-y-2">
              <Skeleton className="h-4 w-40 max-w-full" />
              <Skeleton className="h-3 w-64 max-w-full" />
            </div>
            <Skeleton className="h-7 w-20" />
          </div>
        ))}
      </Panel>
    </div>
  )
}
