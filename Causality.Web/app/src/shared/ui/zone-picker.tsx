import { Globe } from 'lucide-react'
import { useMemo } from 'react'
import { browserZone, zoneOffset } from '@/shared/format/dates'
import { Combobox } from './combobox'

/** One of the world's time zones; the own one, UTC, the chosen one and `near` come first. */
export function ZonePicker(props: { zone: string; onChange: (zone: string) => void; near?: string | undefined; disabled?: boolean; className?: string }) {
  const { zone, near } = props
  const options = useMemo(() => {
    const now = new Date()
    const option = (value: string, group: string) => ({ value, label: value.replaceAll('_', ' '), hint: zoneOffset(value, now), group })
    const nearest = [...new Set([near, browserZone(), 'UTC', zone])].filter((name) => name !== undefined)
    const others = Intl.supportedValuesOf('timeZone').filter((name) => !nearest.includes(name))
    return [...nearest.map((name) => option(name, 'Nearest')), ...others.map((name) => option(name, 'All'))]
  }, [zone, near])
  return (
    <Combobox
      label="Time zone"
      value={zone}
      options={options}
      onChange={props.onChange}
      placeholder="Search time zones…"
      icon={<Globe className="text-muted-foreground max-sm:hidden" aria-hidden />}
      {...(props.disabled ? { disabled: true } : {})}
      {...(props.className ? { className: props.className } : {})}
    />
  )
}
