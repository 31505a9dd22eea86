//! Hair: a person's, behind the head and before it, and a beard.
use super::person::{Mouth, Person, SKINS, Who};
use crate::scenes::canvas::{Canvas, Paint, across, down, glow};
use crate::scenes::color::{Color, WHITE};
use crate::scenes::region::Region;
use crate::scenes::shape::{blob, line, rect};

impl Person {
    pub(super) fn hair_behind(&self, canvas: &mut Canvas, hair: Color, side: f32) {
        if !self.long_hair() {
            return;
        }
        let shape = if self.cut == 0 {
            blob(&[
                (0.0, -1.24),
                (0.82, -0.95),
                (1.10, -0.1),
                (1.16, 0.9),
                (1.22, 1.7),
                (0.6, 1.95),
                (-0.6, 1.95),
                (-1.22, 1.7),
                (-1.16, 0.9),
                (-1.10, -0.1),
                (-0.82, -0.95),
            ])
        } else {
            blob(&[
                (0.0, -1.24),
                (0.85, -0.95),
                (1.12, -0.1),
                (1.14, 0.6),
                (0.92, 1.05),
                (0.0, 1.1),
                (-0.92, 1.05),
                (-1.14, 0.6),
                (-1.12, -0.1),
                (-0.85, -0.95),
            ])
        };
        if self.cut == 1 && self.who == Who::Girl {
            for mirror in [-1.0, 1.0] {
                let bunch = blob(&[
                    (mirror * 0.9, -0.2),
                    (mirror * 1.5, 0.0),
                    (mirror * 1.62, 0.75),
                    (mirror * 1.35, 1.4),
                    (mirror * 1.15, 0.7),
                ]);
                canvas.form(Region::Person, &bunch, Paint::Flat(hair), |canvas| {
                    canvas.shade(&bunch, down(-0.2, 1.4, hair.light(0.25).alpha(0.5), hair.dark(0.6).alpha(0.6)));
                });
            }
        }
        canvas.form(Region::Person, &shape, Paint::Flat(hair.dark(0.22)), |canvas| {
            canvas
                .shade(&shape, across(-side * 1.2, side * 1.2, hair.light(0.3).alpha(0.6), hair.dark(0.7).alpha(0.5)));
        });
    }

    pub(super) fn hair_before(&self, canvas: &mut Canvas, hair: Color, side: f32) {
        let shape = match (self.who, self.cut) {
            (Who::Boy, 0) => blob(&[
                (-0.86, 0.0),
                (-0.98, -0.5),
                (-0.66, -1.06),
                (-0.1, -1.26),
                (0.5, -1.18),
                (0.92, -0.66),
                (0.88, -0.02),
                (0.72, -0.32),
                (0.40, -0.56),
                (0.06, -0.46),
                (-0.26, -0.60),
                (-0.56, -0.42),
                (-0.74, -0.26),
            ]),
            (Who::Boy, _) => blob(&[
                (-0.86, 0.02),
                (-0.99, -0.5),
                (-0.70, -1.05),
                (0.0, -1.30),
                (0.72, -1.05),
                (0.98, -0.5),
                (0.86, 0.02),
                (0.74, -0.36),
                (0.36, -0.44),
                (0.0, -0.42),
                (-0.36, -0.44),
                (-0.74, -0.36),
            ]),
            (Who::Man, 0) => blob(&[
                (-0.87, 0.1),
                (-0.96, -0.5),
                (-0.64, -1.02),
                (0.0, -1.20),
                (0.66, -1.02),
                (0.96, -0.5),
                (0.87, 0.1),
                (0.76, -0.42),
                (0.5, -0.70),
                (0.0, -0.60),
                (-0.4, -0.66),
                (-0.76, -0.40),
            ]),
            (Who::Man, _) => blob(&[
                (-0.87, 0.1),
                (-0.95, -0.45),
                (-0.75, -0.98),
                (-0.2, -1.26),
                (0.55, -1.20),
                (0.97, -0.68),
                (0.87, 0.1),
                (0.77, -0.40),
                (0.56, -0.62),
                (0.0, -0.72),
                (-0.62, -0.52),
                (-0.78, -0.3),
            ]),
            (_, 0) => blob(&[
                (-0.92, 0.5),
                (-1.08, -0.3),
                (-0.74, -1.04),
                (0.0, -1.26),
                (0.74, -1.04),
                (1.08, -0.3),
                (0.92, 0.5),
                (0.80, -0.1),
                (0.44, -0.60),
                (0.1, -0.78),
                (-0.3, -0.56),
                (-0.78, -0.06),
            ]),
            (_, _) => blob(&[
                (-0.90, 0.3),
                (-1.06, -0.4),
                (-0.72, -1.04),
                (0.0, -1.27),
                (0.72, -1.04),
                (1.06, -0.4),
                (0.90, 0.3),
                (0.82, -0.24),
                (0.4, -0.40),
                (0.0, -0.36),
                (-0.4, -0.40),
                (-0.82, -0.24),
            ]),
        };
        canvas.form(Region::Person, &shape, Paint::Flat(hair), |canvas| {
            canvas.shade(&shape, across(-side, side, hair.light(0.35).alpha(0.45), hair.dark(0.6).alpha(0.5)));
            canvas.shade(&shape, glow(-side * 0.35, -0.86, 0.5, hair.light(0.7).alpha(0.6)));
        });
        if self.who == Who::Man && self.cut == 1 {
            let beard = blob(&[
                (-0.84, 0.12),
                (-0.74, 0.72),
                (-0.34, 1.08),
                (0.34, 1.08),
                (0.74, 0.72),
                (0.84, 0.12),
                (0.62, 0.42),
                (0.30, 0.42),
                (0.0, 0.46),
                (-0.30, 0.42),
                (-0.62, 0.42),
            ]);
            canvas.form(Region::Person, &beard, Paint::Flat(hair), |canvas| {
                canvas.shade(&beard, down(0.4, 1.1, hair.alpha(0.0), hair.dark(0.6).alpha(0.5)));
            });
            self.mouth_over_beard(canvas);
        }
    }

    fn mouth_over_beard(&self, canvas: &mut Canvas) {
        let skin = Color::hex(SKINS[self.skin]);
        match self.mouth {
            Mouth::Calm => canvas.stroke(
                Region::Person,
                &line(&[(-0.2, 0.66), (0.2, 0.66)]),
                0.11,
                Color::hex(0xd07a6c).mix(skin, 0.2),
            ),
            Mouth::Smile => {
                let open = blob(&[(-0.40, 0.52), (0.0, 0.58), (0.40, 0.52), (0.25, 0.80), (0.0, 0.87), (-0.25, 0.80)]);
                canvas.form(Region::Person, &open, Paint::Flat(Color::hex(0x9c3238)), |canvas| {
                    canvas.fill(Region::Person, &rect(-0.5, 0.4, 1.0, 0.28), Paint::Flat(WHITE));
                });
            }
        }
    }
}
