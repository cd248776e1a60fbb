import type { FastifyInstance } from 'fastify';
import type { HttpContext } from './sources.ts';
export function functionRoutes(_app: FastifyInstance, _context: HttpContext): void {}
