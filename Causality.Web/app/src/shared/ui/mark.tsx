/** The mark: a cause, and the line to its effect. The same drawing is public/mark.svg. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" fill="none" className={className} aria-hidden>
      <rect width="32" height="32" rx="8" fill="#3b5bdb" />
      <path d="M8 21.5 14 14l4.5 4L24 10" stroke="#fff" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
      <circle cx="8" cy="21.5" r="2.75" fill="#fff" />
      <circle cx="24" cy="10" r="2.75" fill="#fff" />
    </svg>
  )
}
