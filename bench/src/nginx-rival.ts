import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** The same split, rewrite, headers and log in nginx: what the agent is measured against. */
export function nginxCommand(
  folder: string,
  ports: { listen: number; legacy: number; new: number },
): string[] {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `
worker_processes 1;
daemon off;
error_log ${folder}/error.log;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log ${folder}/access.log;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  keepalive_requests 10000000;
  upstream legacy { server 127.0.0.1:${ports.legacy}; keepalive 128; keepalive_requests 10000000; }
  upstream new { server 127.0.0.1:${ports.new}; keepalive 128; keepalive_requests 10000000; }
  split_clients "\${cookie_uid}" $side { 25% new; * legacy; }
  server {
    listen 127.0.0.1:${ports.listen};
    location /books/ {
      if ($side = new) { rewrite ^/books/(.*)$ /v2/books/$1 break; }
      proxy_pass http://$side;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-Id $request_id;
    }
  }
}
`,
  )
  return ['nginx', '-c', file, '-p', folder]
}
