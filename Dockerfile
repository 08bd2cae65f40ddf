# One image for the whole of Hydrant: the supervisor runs broker, ingest and dashboard, as `npm run serve` does.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image's own Node.js is the runtime; the npm package that brings one needs no install script here.
RUN npm ci --ignore-scripts
COPY . .
RUN node node_modules/vite/bin/vite.js build dashboard/web --logLevel warn \
 && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production \
    HYDRANT_DATA_DIR=/data \
    NODE_COMPILE_CACHE=/tmp/compile-cache
WORKDIR /app
COPY --from=build --chown=root:root /app /app
# A named volume takes over owner and mode of the folder that it is mounted on.
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 1883 1884 8883 8080 26875 26875/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "cli/hydrant.ts", "healthy"]
# No npm in between: signals reach the supervisor, which lets every role store what it holds.
CMD ["node", "cli/start.ts"]
