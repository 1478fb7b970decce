import { useQuery } from '@tanstack/react-query'
import { formatNumber } from '@/shared/format/numbers'
import { Alert } from '@/shared/ui/alert'
import { Failed, ListSkeleton } from '@/shared/ui/page'
import type { DeadLettersProps } from './dead-letters-search'
import { deadLettersQuery } from './dead-letters.queries'
import { useFocusOnStep } from './heading-focus'
import { LetterPage } from './letter-page'
import { OperationsFrame } from './operations-frame'
import { ReasonList } from './reason-list'
import { ReasonPage } from './reason-page'

/** What could not be stored, and what to do about it: all reasons, the letters of one, a letter. */
export function DeadLettersPage(props: DeadLettersProps) {
  return (
    <OperationsFrame part="Dead letters">
      <DeadLetters {...props} />
    </OperationsFrame>
  )
}

function DeadLetters(props: DeadLettersProps) {
  const dead = useQuery(deadLettersQuery)
  const { letter, reason } = props.search
  useFocusOnStep(letter ?? reason ?? '')
  if (!dead.data) return dead.isError ? <Failed what="The dead letters" error={dead.error} onRetry={() => void dead.refetch()} /> : <ListSkeleton label="Loading the dead letters" />
  const { events, threshold, groups, as_of } = dead.data
  return (
    <div className="space-y-4">
      {dead.isError && <Alert>The figures are not up to date: {dead.error.message}</Alert>}
      {letter ? (
        <LetterPage key={letter} id={letter} search={props.search} />
      ) : reason ? (
        <ReasonPage key={reason} reason={reason} groups={groups} asOf={as_of} {...props} />
      ) : (
        <>
          {events > threshold && (
            <Alert tone="warning">
              {formatNumber(events)} dead events wait for a decision, more than {formatNumber(threshold)}. Hosts say so in their log and at /ready until there are fewer.
            </Alert>
          )}
          <ReasonList groups={groups} {...props} />
        </>
      )}
    </div>
  )
}
