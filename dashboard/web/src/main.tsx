import './style/theme.css'
import './style/console.css'
import './style/queue.css'
import './style/map.css'
import './style/pages.css'
import './style/account.css'
import './style/quarantine.css'
import './style/incident.css'
import './style/alone.css'
import './style/homes.css'
import './style/orders.css'
import './style/water.css'
import './style/wall.css'
import './style/print.css'
import { createRoot } from 'react-dom/client'
import { startText } from './i18n/text.ts'
import { listenToKeys } from './keyboard/keys.ts'
import { App, Guard } from './shell/App.tsx'
import { viewStore } from './store/view.ts'

document.documentElement.dataset.theme = viewStore.get().theme
await startText()
listenToKeys()
const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <Guard>
    <App />
  </Guard>,
)
