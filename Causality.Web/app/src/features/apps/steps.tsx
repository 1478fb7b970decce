import { Check } from 'lucide-react'
import { cn } from '@/shared/ui/cn'

const steps = ['App', 'API key', 'First event']

/** Where one is on the way from nothing to the first event. */
export function Steps({ at }: { at: 1 | 2 | 3 }) {
  return (
    <ol aria-label="Steps" className="flex flex-wrap items-center gap-x-2 gap-y-2">
      {steps.map((step, index) => {
        const done = index + 1 < at
        const current = index + 1 === at
        return (
          <li key={step} aria-current={current ? 'step' : undefined} className={cn('flex items-center gap-2', current ? 'font-medium' : 'text-muted-foreground')}>
            {index > 0 && <span aria-hidden className="h-px w-4 bg-control sm:w-8" />}
            <span
              aria-hidden
              className={cn(
                'grid size-6 place-items-center rounded-full text-xs font-semibold',
                current ? 'bg-primary text-primary-foreground' : done ? 'bg-success-surface text-success' : 'bg-muted',
              )}
            >
              {done ? <Check className="size-3.5" /> : index + 1}
            </span>
            {step}
            {done && <span className="sr-only">, done</span>}
          </li>
        )
      })}
    </ol>
  )
}
