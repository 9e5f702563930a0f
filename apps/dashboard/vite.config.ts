import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const controlPlane = 'http://127.0.0.1:4400'

/** The control plane serves `dist`; while developing, `vite` serves the pages and passes the API on to it. */
export default defineConfig({
  plugins: [react()],
  // The control plane puts a fresh one in for every page it sends.
  html: { cspNonce: '__CSP_NONCE__' },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 800 },
  server: {
    port: 5173,
    proxy: {
      '/api': { target: controlPlane, ws: true },
      '/docs': { target: controlPlane },
    },
  },
})
