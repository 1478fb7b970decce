/** The columns of an event that an answer can be broken down by, as the lake names them, and what people call them. */
export const breakdownColumns = [
  { group: 'Event', columns: { event_category: 'Event category', flags: 'Data quality flags' } },
  {
    group: 'Person',
    columns: { user_id: 'User', device_id: 'Device', session_id: 'Session', country: 'Country', locale: 'Language', timezone: 'Time zone of the device', is_bot: 'Bot' },
  },
  {
    group: 'App and device',
    columns: {
      platform: 'Platform',
      os: 'Operating system',
      os_version: 'OS version',
      app_version: 'App version',
      build_number: 'Build number',
      device_type: 'Device type',
      device_model: 'Device model',
      manufacturer: 'Manufacturer',
      browser: 'Browser',
      network_type: 'Network type',
      carrier: 'Carrier',
      sdk_version: 'SDK version',
      is_emulator: 'Emulator',
      is_jailbroken: 'Jailbroken',
    },
  },
  {
    group: 'Page and campaign',
    columns: {
      path: 'Path',
      title: 'Page title',
      url: 'URL',
      referrer: 'Referrer',
      referrer_class: 'Referrer class',
      utm_source: 'UTM source',
      utm_medium: 'UTM medium',
      utm_campaign: 'UTM campaign',
      utm_term: 'UTM term',
      utm_content: 'UTM content',
    },
  },
] as const satisfies readonly { group: string; columns: Record<string, string> }[]

const labels = new Map<string, string>(breakdownColumns.flatMap(({ columns }) => Object.entries(columns)))

export const isBreakdownColumn = (name: string) => labels.has(name)

export const breakdownLabel = (name: string) => labels.get(name) ?? name
