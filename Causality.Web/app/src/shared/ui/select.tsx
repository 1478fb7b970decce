import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from './cn'

/** One of a few, by the system's own list: it works by keyboard, touch and screen reader as people are used to. */
export function Select({ className, children, ...props }: ComponentProps<'select'>) {
  return (
    <span className={cn('relative inline-flex min-w-0', className)}>
      <select
        className="h-9 w-full min-w-0 appearance-none truncate rounded-md border border-control bg-surface pr-8 pl-3 text-base disabled:opacity-60 aria-invalid:border-danger md:text-sm"
        {...props}
      >
        {children}
      </select>
      <ChevronDown className="pointer-events-none absolute top-2.5 right-2.5 size-4 text-muted-foreground" aria-hidden />
    </span>
  )
}
