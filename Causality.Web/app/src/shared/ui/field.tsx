import { useId, type ReactNode } from 'react'
import { cn } from './cn'

interface Control {
  id: string
  'aria-invalid': true | undefined
  'aria-describedby': string | undefined
}

/** A labeled control with its hint and, when it was refused, why: `<Field label="Name">{(control) => <Input {...control} />}</Field>`. */
export function Field(props: {
  label: string
  /** Beside the label: "optional". */
  note?: string
  hint?: ReactNode
  error?: string | undefined
  /** The control says its name by itself, as a button does that opens a list. */
  named?: boolean
  className?: string
  children: (control: Control) => ReactNode
}) {
  const id = useId()
  const hint = props.hint ? `${id}-hint` : undefined
  const error = props.error ? `${id}-error` : undefined
  return (
    <div className={cn('min-w-0 space-y-1.5', props.className)}>
      <div className="flex items-baseline justify-between gap-2">
        {props.named ? (
          <span aria-hidden className="font-medium">
            {props.label}
          </span>
        ) : (
          <label htmlFor={id} className="font-medium">
            {props.label}
          </label>
        )}
        {props.note && <span className="text-xs text-muted-foreground">{props.note}</span>}
      </div>
      {props.children({ id, 'aria-invalid': props.error ? true : undefined, 'aria-describedby': [error, hint].filter(Boolean).join(' ') || undefined })}
      {props.error && (
        <p id={error} className="text-danger">
          {props.error}
        </p>
      )}
      {props.hint && (
        <p id={hint} className="text-xs text-muted-foreground">
          {props.hint}
        </p>
      )}
    </div>
  )
}
