import type { FastifyInstance } from 'fastify';
import type { HttpContext } from './sources.ts';
export function renderRoutes(_app: FastifyInstance, _context: HttpContext): void {}
