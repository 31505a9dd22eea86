//! Canvas: where a scene is drawn, and what its places belong to. Unit coordinates; any size of picture.
use super::color::Color;
use super::region::{Region, Regions};
use super::shape::Shape;
use crate::tensor::picture::Picture;
use tiny_skia::{
    FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Mask, Pixmap, Point, RadialGradient, Shader, SpreadMode,
    Stroke, Transform,
};

/// What a shape is filled with.
#[derive(Clone, Debug)]
pub enum Paint {
    /// One colour.
    Flat(Color),
    /// Along a line from point to point.
    Along((f32, f32), (f32, f32), Vec<(f32, Color)>),
    /// From a middle outwards.
    Round((f32, f32), f32, Vec<(f32, Color)>),
}

impl From<Color> for Paint {
    fn from(color: Color) -> Self {
        Paint::Flat(color)
    }
}

/// From one colour at `top` to another at `bottom`.
pub fn down(top: f32, bottom: f32, from: Color, to: Color) -> Paint {
    Paint::Along((0.0, top), (0.0, bottom), vec![(0.0, from), (1.0, to)])
}

/// From one colour at `left` to another at `right`.
pub fn across(left: f32, right: f32, from: Color, to: Color) -> Paint {
    Paint::Along((left, 0.0), (right, 0.0), vec![(0.0, from), (1.0, to)])
}

/// From one colour in the middle to another at `radius`.
pub fn round(x: f32, y: f32, radius: f32, from: Color, to: Color) -> Paint {
    Paint::Round((x, y), radius, vec![(0.0, from), (1.0, to)])
}

/// Light or shade that fades outwards.
pub fn glow(x: f32, y: f32, radius: f32, color: Color) -> Paint {
    Paint::Round((x, y), 0.86 * radius, vec![(0.0, color.alpha(0.92 * color.a)), (1.0, color.alpha(0.0))])
}

/// Light round a source: bright near it, far-reaching.
pub fn halo(x: f32, y: f32, radius: f32, color: Color) -> Paint {
    let at = |part: f32| color.alpha(color.a * part);
    Paint::Round((x, y), radius, vec![(0.0, color), (0.3, at(0.5)), (1.0, at(0.0))])
}

/// A picture in the making.
pub struct Canvas {
    size: usize,
    picture: Pixmap,
    ids: Option<Pixmap>,
    clip: Option<(Mask, Option<Mask>)>,
    place: Transform,
    /// The colour of the light: everything but the sky and lamps is seen under it.
    pub light: Color,
    /// How strongly shapes are modelled by light and shade: 0 is a flat poster.
    pub relief: f32,
}

impl Canvas {
    /// A canvas of `size`² pixels; `regions` says whether to keep what each place belongs to.
    ///
    /// # Panics
    /// When `size` is 0 or over 8192.
    pub fn new(size: usize, regions: bool) -> Self {
        assert!((1..=8192).contains(&size), "a canvas has 1 to 8192 pixels a side, got {size}");
        let pixmap = |side: usize| Pixmap::new(side as u32, side as u32);
        let Some(picture) = pixmap(size) else { unreachable!("the size was checked") };
        let ids = if regions { pixmap(2 * size) } else { None };
        let light = super::color::WHITE;
        Self { size, picture, ids, clip: None, place: Transform::identity(), light, relief: 1.0 }
    }

    /// Fills a shape.
    pub fn fill(&mut self, region: Region, shape: &Shape, paint: impl Into<Paint>) {
        let lit = !matches!(region, Region::Sky | Region::Glow | Region::Signal);
        self.lay(shape, &paint.into(), if lit { self.light } else { super::color::WHITE }, 1.0);
        let scale = (2 * self.size) as f32;
        if let (Some(ids), Some(path)) = (&mut self.ids, &shape.0) {
            let mask = self.clip.as_ref().and_then(|(_, fine)| fine.as_ref());
            let place = Transform::from_scale(scale, scale).pre_concat(self.place);
            ids.fill_path(path, &mark(region), FillRule::Winding, place, mask);
        }
    }

    /// Draws along a line, with round ends.
    pub fn stroke(&mut self, region: Region, shape: &Shape, width: f32, color: Color) {
        let Some(path) = &shape.0 else { return };
        let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        let lit = !matches!(region, Region::Sky | Region::Glow | Region::Signal);
        let color = if lit { color.under(self.light) } else { color };
        let paint = tiny_skia::Paint { shader: Shader::SolidColor(solid(color, 1.0)), ..tiny_skia::Paint::default() };
        let place = self.pixels(self.size);
        self.picture.stroke_path(path, &paint, &stroke, place, self.clip.as_ref().map(|(mask, _)| mask));
        let place = self.pixels(2 * self.size);
        if let (Some(ids), true) = (&mut self.ids, color.a > 0.5) {
            let mask = self.clip.as_ref().and_then(|(_, fine)| fine.as_ref());
            ids.stroke_path(path, &mark(region), &stroke, place, mask);
        }
    }

    /// Lays light or shade over what is there; the places keep what they belong to.
    pub fn shade(&mut self, shape: &Shape, paint: impl Into<Paint>) {
        self.lay(shape, &paint.into(), self.light, self.relief);
    }

    /// Lays a colour over what is there whatever the relief: haze, lamplight, patterns.
    pub fn glaze(&mut self, shape: &Shape, paint: impl Into<Paint>) {
        self.lay(shape, &paint.into(), super::color::WHITE, 1.0);
    }

    /// Draws inside a shape only.
    pub fn within(&mut self, shape: &Shape, draw: impl FnOnce(&mut Canvas)) {
        let Some(path) = &shape.0 else { return };
        let cut = |old: Option<&Mask>, size: usize, soft: bool, place: Transform| match old {
            Some(old) => {
                let mut mask = old.clone();
                mask.intersect_path(path, FillRule::Winding, soft, place);
                Some(mask)
            }
            None => {
                let mut mask = Mask::new(size as u32, size as u32)?;
                mask.fill_path(path, FillRule::Winding, soft, place);
                Some(mask)
            }
        };
        let old = self.clip.take();
        let coarse = cut(old.as_ref().map(|(mask, _)| mask), self.size, true, self.pixels(self.size));
        let fine = if self.ids.is_some() {
            let size = 2 * self.size;
            cut(old.as_ref().and_then(|(_, fine)| fine.as_ref()), size, false, self.pixels(size))
        } else {
            None
        };
        self.clip = coarse.map(|coarse| (coarse, fine));
        draw(self);
        self.clip = old;
    }

    /// Fills a shape and draws its light and shade inside it.
    pub fn form(&mut self, region: Region, shape: &Shape, paint: impl Into<Paint>, relief: impl FnOnce(&mut Canvas)) {
        self.fill(region, shape, paint);
        self.within(shape, relief);
    }

    /// Draws in coordinates of its own: (0, 0) is at (x, y) and lengths are scaled; a negative `sx` mirrors.
    pub fn at(&mut self, x: f32, y: f32, sx: f32, sy: f32, draw: impl FnOnce(&mut Canvas)) {
        let old = self.place;
        self.place = old.pre_translate(x, y).pre_scale(sx, sy);
        draw(self);
        self.place = old;
    }

    /// Turned clockwise round (x, y), in degrees.
    pub fn turned(&mut self, degrees: f32, x: f32, y: f32, draw: impl FnOnce(&mut Canvas)) {
        let old = self.place;
        self.place = old.pre_concat(Transform::from_rotate_at(degrees, x, y));
        draw(self);
        self.place = old;
    }

    /// The picture, and the regions if they were asked for.
    pub fn finish(self) -> (Picture, Option<Regions>) {
        let (pixels, _) = self.picture.data().as_chunks::<4>();
        let rgb = pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
        let picture = Picture { width: self.size, height: self.size, rgb };
        let regions = self.ids.map(|ids| {
            let (ids, _) = ids.data().as_chunks::<4>();
            Regions::new(self.size, ids.iter().map(|id| id[0]).collect())
        });
        (picture, regions)
    }

    fn pixels(&self, size: usize) -> Transform {
        Transform::from_scale(size as f32, size as f32).pre_concat(self.place)
    }

    fn lay(&mut self, shape: &Shape, paint: &Paint, light: Color, opacity: f32) {
        let Some(shader) = shader(paint, light, opacity) else { return };
        // What fades out at its radius is laid no further than that, where a clip keeps it in its shape anyway.
        let fading = match paint {
            Paint::Round((x, y), radius, stops) if stops.last().is_some_and(|(_, color)| color.a == 0.0) => {
                self.clip.is_some().then(|| super::shape::circle(*x, *y, *radius))
            }
            _ => None,
        };
        let Some(path) = fading.as_ref().map_or(&shape.0, |circle| &circle.0) else { return };
        let paint = tiny_skia::Paint { shader, ..tiny_skia::Paint::default() };
        let mask = self.clip.as_ref().map(|(mask, _)| mask);
        let place = Transform::from_scale(self.size as f32, self.size as f32).pre_concat(self.place);
        self.picture.fill_path(path, &paint, FillRule::Winding, place, mask);
    }
}

/// The paint that writes a region's number.
fn mark(region: Region) -> tiny_skia::Paint<'static> {
    let mut paint = tiny_skia::Paint { anti_alias: false, ..tiny_skia::Paint::default() };
    paint.set_color_rgba8(region as u8, 0, 0, 255);
    paint
}

fn solid(color: Color, opacity: f32) -> tiny_skia::Color {
    let part = |value: f32| value.clamp(0.0, 1.0);
    tiny_skia::Color::from_rgba(part(color.r), part(color.g), part(color.b), part(color.a * opacity))
        .unwrap_or(tiny_skia::Color::TRANSPARENT)
}

/// `None` for a gradient without length.
fn shader(paint: &Paint, light: Color, opacity: f32) -> Option<Shader<'static>> {
    let stops = |stops: &[(f32, Color)]| {
        stops.iter().map(|&(at, color)| GradientStop::new(at, solid(color.under(light), opacity))).collect()
    };
    let point = |(x, y): (f32, f32)| Point::from_xy(x, y);
    let still = Transform::identity();
    match paint {
        Paint::Flat(color) => Some(Shader::SolidColor(solid(color.under(light), opacity))),
        Paint::Along(from, to, colors) => {
            LinearGradient::new(point(*from), point(*to), stops(colors), SpreadMode::Pad, still)
        }
        Paint::Round(at, radius, colors) => {
            RadialGradient::new(point(*at), 0.0, point(*at), *radius, stops(colors), SpreadMode::Pad, still)
        }
    }
}
