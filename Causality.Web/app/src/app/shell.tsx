import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { ChartLine, CircleUser, LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { sessionQuery } from '@/features/session/session.queries'
import { Button } from '@/shared/ui/button'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/shared/ui/dropdown-menu'
import { Frame } from './frame'
import { themes, useTheme, type Theme } from './theme'

const themeIcons = { light: Sun, dark: Moon, system: Monitor }
const themeLabels = { light: 'Light', dark: 'Dark', system: 'System' }

/** What surrounds every signed-in page: the name, the way to each page, theme and account. */
export function Shell({ onSignOut }: { onSignOut: () => void }) {
  return (
    <Frame
      header={
        <>
          <nav aria-label="Pages" className="flex-1">
            <Link
              to="/trends"
              className="inline-flex h-9 items-center gap-2 rounded-md px-3 text-muted-foreground hover:bg-muted data-[status=active]:bg-muted data-[status=active]:text-foreground"
            >
              <ChartLine className="size-4" aria-hidden />
              Trends
            </Link>
          </nav>
          <ThemeMenu />
          <AccountMenu onSignOut={onSignOut} />
        </>
      }
    >
      <Outlet />
    </Frame>
  )
}

function ThemeMenu() {
  const [theme, setTheme] = useTheme()
  const Current = themeIcons[theme]
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={`Theme: ${themeLabels[theme]}`}>
          <Current aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuRadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
          {themes.map((each) => {
            const Icon = themeIcons[each]
            return (
              <DropdownMenuRadioItem key={each} value={each}>
                <Icon aria-hidden />
                {themeLabels[each]}
              </DropdownMenuRadioItem>
            )
          })}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

function AccountMenu({ onSignOut }: { onSignOut: () => void }) {
  const session = useQuery(sessionQuery)
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label="Account">
          <CircleUser aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>
          <span className="block font-medium text-foreground">{session.data?.email}</span>
          {session.data?.role}
        </DropdownMenuLabel>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={onSignOut}>
          <LogOut aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
