/** Every family of routes, a line each. To add one: its file, and its line here. */
export { adminRoutes } from './admin.ts';
export { adminRenderRoutes } from './admin-renders.ts';
export { dashboardRoutes } from './dashboards.ts';
export { deleteSeriesRoute } from './delete-series.ts';
export { eventRoutes } from './events.ts';
export { exploreRoute } from './explore.ts';
export { findRoutes } from './find.ts';
export { functionRoutes } from './functions.ts';
export { healthRoutes } from './self.ts';
export { metadataRoutes } from './metadata.ts';
export { overviewRoute } from './overview.ts';
export { pageRoutes } from './pages.ts';
export { renderRoutes } from './render.ts';
export { searchRoute } from './search.ts';
export { tagRoutes } from './tags.ts';
export { topRoute } from './top.ts';
