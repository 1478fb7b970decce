import type { ComponentProps } from 'react'
import { cn } from './cn'

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return (
    <input
      className={cn(
        'h-9 w-full min-w-0 rounded-md border border-control bg-surface px-3 text-base disabled:opacity-60 placeholder:text-muted-foreground aria-invalid:border-danger md:text-sm',
        className,
      )}
      {...props}
    />
  )
}
