import { cn } from './cn'
import { CopyButton } from './copy-button'

/** Code to be copied, with its language. A region that scrolls can be reached by keyboard; what is to be seen whole is wrapped instead. */
export function CodeBlock({ code, language, label, wrap }: { code: string; language: string; label: string; wrap?: boolean }) {
  return (
    <div className="overflow-hidden rounded-lg border border-border bg-muted">
      <div className="flex items-center justify-between border-b border-border py-1 pr-1 pl-4 text-xs text-muted-foreground">
        {language}
        <CopyButton text={code} variant="ghost" size="small" />
      </div>
      <pre
        role="region"
        aria-label={label}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className={cn('max-h-96 overflow-auto p-4 font-mono text-code leading-relaxed -outline-offset-2', wrap && 'wrap-anywhere whitespace-pre-wrap')}
      >
        {code}
      </pre>
    </div>
  )
}

/** A secret or link on one line, with its copy button. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex items-center gap-1 rounded-md border border-border bg-muted py-1 pr-1 pl-3">
      <input
        readOnly
        value={text}
        aria-label={label}
        onFocus={(event) => event.currentTarget.select()}
        className="min-w-0 flex-1 bg-transparent font-mono text-code text-ellipsis outline-none"
      />
      <CopyButton text={text} variant="ghost" size="small" />
    </div>
  )
}
