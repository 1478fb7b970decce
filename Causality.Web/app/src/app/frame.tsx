import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Mark } from '@/shared/ui/mark'

/** The way home, and below it what is shown where there is no page. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-14 items-center border-b border-border bg-surface px-4">
        <HomeLink />
      </header>
      <main className="flex flex-1 flex-col">{children}</main>
    </div>
  )
}

export function HomeLink({ short = false }: { short?: boolean }) {
  return (
    <Link to="/" aria-label="Causality" className="flex items-center gap-2.5 rounded-md font-semibold tracking-tight">
      <Mark className="size-7 shrink-0" />
      {!short && 'Causality'}
    </Link>
  )
}

/** The first stop of the Tab key: past the navigation. */
export function SkipLink() {
  return (
    <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-0 focus:left-0 focus:z-60 focus:m-2 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2">
      Skip to content
    </a>
  )
}
