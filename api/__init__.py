"""HTTP and WebSocket: routes by feature, the realtime hub, sessions and rights."""
