import { ToggleGroup as Primitive } from 'radix-ui'
import { useId } from 'react'
import { cn } from './cn'

export interface Choice<T extends string> {
  value: T
  label: string
  disabled?: boolean
  /** Why it cannot be chosen, as a tooltip. */
  reason?: string | undefined
}

/** One of a few, side by side; arrow keys move within. `value` outside the choices leaves all unpressed. */
export function ChoiceGroup<T extends string>(props: {
  label: string
  value: T | undefined
  choices: readonly Choice<T>[]
  onChange: (value: T) => void
  /** Why some cannot be chosen, below them. */
  hint?: string | undefined
  className?: string
}) {
  const hint = useId()
  return (
    <>
      <Primitive.Root
        type="single"
        aria-label={props.label}
        aria-describedby={props.hint ? hint : undefined}
        value={props.value ?? ''}
        onValueChange={(value) => {
          if (value) props.onChange(value as T)
        }}
        className={cn('inline-flex h-9 items-center rounded-md bg-muted p-0.5', props.className)}
      >
        {props.choices.map((choice) => (
          <Primitive.Item
            key={choice.value}
            value={choice.value}
            disabled={choice.disabled}
            title={choice.disabled ? choice.reason : undefined}
            className="h-8 flex-1 rounded px-2.5 text-sm whitespace-nowrap text-muted-foreground transition-colors hover:text-foreground disabled:pointer-events-auto disabled:cursor-not-allowed disabled:opacity-45 disabled:hover:text-muted-foreground data-[state=on]:bg-selected data-[state=on]:font-medium data-[state=on]:text-foreground data-[state=on]:shadow-sm"
          >
            {choice.label}
          </Primitive.Item>
        ))}
      </Primitive.Root>
      {/* as wide as the choices, and no wider for its text */}
      {props.hint && (
        <p id={hint} className="w-0 min-w-full text-xs text-muted-foreground">
          {props.hint}
        </p>
      )}
    </>
  )
}
