import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Mark } from '@/shared/ui/mark'

/** The header with the way home, and below it a page, or what is shown where there is none. */
export function Frame({ header, children }: { header?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2">
        Skip to content
      </a>
      <header className="border-b border-border bg-surface">
        <div className="mx-auto flex h-14 w-full max-w-7xl items-center gap-1 px-3 sm:px-6">
          <Link to="/trends" className="mr-3 flex items-center gap-2.5 rounded-md font-semibold tracking-tight">
            <Mark className="size-7" />
            Causality
          </Link>
          {header}
        </div>
      </header>
      <main id="main" tabIndex={-1} className="flex flex-1 flex-col outline-none">
        {children}
      </main>
    </div>
  )
}
