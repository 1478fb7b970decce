import { useMutation, useQueryClient } from '@tanstack/react-query'
import { RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { formatCount, formatNumber } from '@/shared/format/numbers'
import { Button } from '@/shared/ui/button'
import { Confirm } from '@/shared/ui/confirm'
import { toast } from '@/shared/ui/toast'
import { deadLettersKey, discardLetters, replayLetters, type LetterSelection } from './dead-letters.queries'

type Decision = 'replay' | 'discard'

/** The two decisions that there are on open letters; each asks before it is taken, and tells what came of it. */
export function DecideButtons(props: { which: LetterSelection; letters: number; events: number; size?: 'small' | 'default'; onDecided?: () => void }) {
  const { letters, size = 'small' } = props
  // what is asked about stays as it was when it was asked, whatever arrives meanwhile
  const [asked, setAsked] = useState<Asked>()
  const ask = (decision: Decision) => setAsked({ decision, which: props.which, letters, events: props.events })
  const many = 'reason' in props.which ? ` all ${formatNumber(letters)}` : letters > 1 ? ` ${formatNumber(letters)}` : ''
  return (
    <div className="flex gap-2">
      <Button variant="outline" size={size} disabled={letters === 0} onClick={() => ask('replay')}>
        <RotateCcw aria-hidden />
        Replay{many}…
      </Button>
      <Button variant="outline" size={size} disabled={letters === 0} onClick={() => ask('discard')} className="text-danger">
        <Trash2 aria-hidden />
        Discard{many}…
      </Button>
      {asked && <ConfirmDecision asked={asked} onClose={() => setAsked(undefined)} onDecided={props.onDecided} />}
    </div>
  )
}

interface Asked {
  decision: Decision
  which: LetterSelection
  letters: number
  events: number
}

function ConfirmDecision({ asked, onClose, onDecided }: { asked: Asked; onClose: () => void; onDecided: (() => void) | undefined }) {
  const { decision, which, letters, events } = asked
  const queryClient = useQueryClient()
  const decide = useMutation({
    mutationFn: () => (decision === 'replay' ? replayLetters(which) : discardLetters(which)),
    onSuccess: async (done) => {
      onClose()
      onDecided?.()
      toast(told(asked, done))
      await queryClient.invalidateQueries({ queryKey: deadLettersKey })
    },
  })
  const replay = decision === 'replay'
  return (
    <Confirm
      open
      title={`${replay ? 'Replay' : 'Discard'} ${formatCount(letters, 'letter')}${replay ? '' : ' for good'}?`}
      action={`${replay ? 'Replay' : 'Discard'} ${formatCount(events, 'event')}`}
      tone={replay ? 'primary' : 'danger'}
      pending={decide.isPending}
      error={decide.error}
      onConfirm={() => decide.mutate()}
      onClose={onClose}
    >
      {'reason' in which && `All open letters with the reason “${which.reason}”${which.app_id ? ` of ${which.app_id}` : ''}. `}
      {replay
        ? `${eventsAre(events)} sent to the sink again, as they came and with the same keys, so what was stored meanwhile is not doubled. What still cannot be stored comes back as a new letter.`
        : `${eventsAre(events)} given up: the bytes are removed, and nobody can bring them back. The ledger counts them as discarded.`}
    </Confirm>
  )
}

const eventsAre = (events: number) => `${formatCount(events, 'event')} ${events === 1 ? 'is' : 'are'}`

/** What came of a decision; letters on which somebody else decided a moment earlier are not among those that are told. */
function told({ decision, which, letters }: Asked, done: { letters: number; events: number }) {
  const verb = decision === 'replay' ? 'Replayed' : 'Discarded'
  if (done.letters === 0) return { title: `Nothing was left to ${decision}`, description: 'These letters were decided on meanwhile.' }
  const missed = 'ids' in which ? letters - done.letters : 0
  const more = missed > 0 ? `${formatCount(missed, 'letter')} ${missed === 1 ? 'was' : 'were'} decided on by somebody else. ` : ''
  return {
    title: `${verb} ${formatCount(done.letters, 'letter')} with ${formatCount(done.events, 'event')}`,
    description: `${more}${decision === 'replay' ? 'They are on their way to the lake again.' : 'The ledger counts them as discarded.'}`,
  }
}
