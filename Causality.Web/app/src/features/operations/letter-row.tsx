import { Link } from '@tanstack/react-router'
import { formatMoment } from '@/shared/format/dates'
import { formatBytes, formatCount } from '@/shared/format/numbers'
import { Badge } from '@/shared/ui/badge'
import { damagesOf, eventLine, letterMoment } from './dead-letter-words'
import type { DeadLettersSearch } from './dead-letters-search'
import type { Letter } from './dead-letters.queries'

const shownEvents = 2

/** A letter with its first events as JSON; opened for all of it, and selected to be decided on. */
export function LetterRow(props: { letter: Letter; search: DeadLettersSearch; selected?: boolean; onSelect?: () => void }) {
  const { letter, search } = props
  const { preview } = letter
  const at = letterMoment(letter.at)
  const wrong = [letter.detail, ...damagesOf(preview ?? []).filter((damage) => damage !== letter.reason)].filter(Boolean)
  return (
    <li className="relative flex items-start gap-3 px-4 py-3 hover:bg-muted/60">
      {props.onSelect && (
        // above the link that covers the row, and larger than it looks, for fingers
        <label className="relative z-10 -m-2 p-2">
          <input type="checkbox" aria-label={`Select the letter of ${at} with ${formatCount(letter.events, 'event')}`} checked={props.selected ?? false} onChange={props.onSelect} className="mt-0.5 block size-4 accent-primary" />
        </label>
      )}
      <div className="min-w-0 flex-1 space-y-1">
        <p className="flex flex-wrap items-center gap-x-3 tabular-nums">
          <Link to="/operations/dead-letters" search={{ ...search, letter: letter.id }} aria-label={`Letter of ${at}`} className="font-medium after:absolute after:inset-0">
            <time dateTime={letter.at}>{at}</time>
          </Link>
          <span className="text-muted-foreground">
            {[formatCount(letter.events, 'event'), letter.bytes > 0 && formatBytes(letter.bytes), letter.app_id ?? 'no single app'].filter(Boolean).join(' · ')}
          </span>
          {letter.replay_of && <Badge>Died again after a replay</Badge>}
        </p>
        {wrong.length > 0 && <p className="break-words text-danger">{wrong.join(' · ')}</p>}
        {preview && preview.length > 0 && (
          <ul aria-label="First events" className="space-y-0.5 font-mono text-code text-muted-foreground">
            {preview.slice(0, shownEvents).map((event, index) => (
              <li key={index} className="line-clamp-2 wrap-anywhere">
                {eventLine(event)}
              </li>
            ))}
            {letter.events > shownEvents && preview.length > shownEvents && <li className="font-sans text-xs">and {formatCount(letter.events - shownEvents, 'event')} more</li>}
          </ul>
        )}
        {letter.resolved_at && (
          <p className="text-xs text-muted-foreground">
            Decided {formatMoment(letter.resolved_at)} by {letter.resolved_by ?? 'somebody'}
          </p>
        )}
      </div>
    </li>
  )
}
