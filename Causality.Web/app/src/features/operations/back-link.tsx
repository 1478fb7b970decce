import { Link } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import type { DeadLettersSearch } from './dead-letters-search'

/** One step up among the dead letters. */
export function BackLink({ search, children }: { search: DeadLettersSearch; children: string }) {
  return (
    <Link to="/operations/dead-letters" search={search} className="-ml-1 inline-flex max-w-full items-center gap-1 rounded text-muted-foreground hover:text-foreground">
      <ChevronLeft className="size-4 shrink-0" aria-hidden />
      <span className="truncate">{children}</span>
    </Link>
  )
}
